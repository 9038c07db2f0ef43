import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Picture } from '../../src/core/desired/picture.ts';
import type { Source } from '../../src/core/ports.ts';

/** What a source looks at, in the hands of a test. Objects are known by their `metadata.name`. */
export type SourceWorld = {
  readonly source: Source;
  /** The clusters that the source was made for; each begins without objects. */
  readonly clusters: readonly string[];
  put(cluster: string, name: string): Promise<void>;
  remove(cluster: string, name: string): Promise<void>;
  /** Makes the whole origin of one cluster disappear. */
  lose(cluster: string): Promise<void>;
  cleanUp(): Promise<void>;
};

/** The pictures a sink got, and a way to wait for the next that fits. */
export type PictureAlbum = {
  readonly sink: (picture: Picture) => void;
  readonly pictures: readonly Picture[];
  /** The last picture of a cluster. */
  last(cluster: string): Picture | undefined;
  /** Resolves with the first picture, had or to come, that fits. */
  until(fits: (picture: Picture) => boolean): Promise<Picture>;
};

/** An empty album. */
export function createAlbum(): PictureAlbum {
  const pictures: Picture[] = [];
  const waiting = new Set<(picture: Picture) => void>();
  return {
    pictures,
    sink: (picture) => {
      pictures.push(picture);
      for (const look of waiting) look(picture);
    },
    last: (cluster) => pictures.findLast((picture) => picture.cluster === cluster),
    until: (fits) => {
      const { promise, resolve } = Promise.withResolvers<Picture>();
      const look = (picture: Picture): void => {
        if (!fits(picture)) return;
        waiting.delete(look);
        resolve(picture);
      };
      waiting.add(look);
      for (const picture of pictures) look(picture);
      return promise;
    },
  };
}

/** The names of a picture's objects, in its order. */
export function namesOf(picture: Picture | undefined): readonly unknown[] | undefined {
  return picture?.objects.map(({ name }) => name);
}

/** Whether a picture shows exactly these objects of a cluster. */
export function shows(cluster: string, ...names: readonly string[]): (picture: Picture) => boolean {
  return (picture) =>
    picture.cluster === cluster && JSON.stringify(namesOf(picture)?.toSorted()) === JSON.stringify(names.toSorted());
}

/** The contract of the port `Source`: every source has to pass it. */
export function sourceContract(name: string, createWorld: () => Promise<SourceWorld>): void {
  describe(`${name} keeps the contract of a source`, () => {
    let world: SourceWorld;
    let album: PictureAlbum;
    beforeEach(async () => {
      world = await createWorld();
      album = createAlbum();
    });
    afterEach(async () => {
      await world.source.close();
      await world.cleanUp();
    });

    test('start resolves with one picture of every cluster handed over', async () => {
      const [first = ''] = world.clusters;
      await world.put(first, 'a');
      await world.source.start(album.sink);
      expect(album.pictures.map(({ cluster }) => cluster).toSorted()).toEqual(world.clusters.toSorted());
      expect(namesOf(album.last(first))).toEqual(['a']);
    });

    test('each picture is whole and replaces the last one of its cluster', async () => {
      const [first = '', second = ''] = world.clusters;
      await world.source.start(album.sink);
      await world.put(first, 'a');
      await album.until(shows(first, 'a'));
      await world.put(first, 'b');
      await album.until(shows(first, 'a', 'b'));
      await world.put(second, 'c');
      await album.until(shows(second, 'c'));
      await world.remove(first, 'a');
      await album.until(shows(first, 'b'));
      expect(namesOf(album.last(second))).toEqual(['c']);
    });

    test('an origin that is lost leaves the last objects standing', async () => {
      const [first = ''] = world.clusters;
      await world.put(first, 'a');
      await world.source.start(album.sink);
      await world.lose(first);
      await world.put(first, 'b');
      const after = await album.until((picture) => namesOf(picture)?.includes('b') === true);
      expect(after.cluster).toBe(first);
      for (const picture of album.pictures) if (picture.cluster === first) expect(picture.objects).not.toEqual([]);
    });

    test('every object says where it comes from, and pictures are frozen', async () => {
      const [first = ''] = world.clusters;
      await world.put(first, 'a');
      await world.source.start(album.sink);
      const picture = album.last(first);
      expect(picture?.objects[0]?.origin.file).toMatch(/./);
      expect(Object.isFrozen(picture) && Object.isFrozen(picture?.objects)).toBe(true);
    });

    test('close is idempotent, settles, and ends the pictures', async () => {
      const [first = ''] = world.clusters;
      await world.source.start(album.sink);
      const before = album.pictures.length;
      await world.put(first, 'a');
      await Promise.all([world.source.close(), world.source.close()]);
      const after = album.pictures.length;
      expect(after - before).toBeLessThanOrEqual(1);
      await world.put(first, 'b');
      await world.source.close();
      expect(album.pictures).toHaveLength(after);
    });

    test('a source can be closed before it was started', async () => {
      await world.source.close();
      expect(album.pictures).toEqual([]);
    });
  });
}
