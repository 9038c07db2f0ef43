import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/core/desired/quote.ts';
import { isSecretField, secretKind } from '../../../src/core/desired/secret-names.ts';
import { REDACTED, withoutSecrets } from '../../../src/core/desired/secrets.ts';
import { LOG_EVENTS } from '../../../src/core/log-events.ts';
import { sourceFiles, withoutComments } from '../../house/source-tree.ts';

const RUNS = 2_000;
/** What secrets are made of here is nowhere else in these texts, so that a piece that comes through is seen. */
const CORE = 'QZ0123456789';
/** So much of a secret is a piece of it. */
const PIECE = 3;

const NAMES = [
  'token',
  'access_token',
  'accessToken',
  'private_token',
  'X-Auth-Token',
  'x-amz-security-token',
  'refreshtoken',
  'client_secret',
  'clientSecret',
  'CLIENT_SECRET',
  'secret',
  'password',
  'db.password',
  'userPasswd',
  'passphrase',
  'pwd',
  'api_key',
  'apiKey',
  'apikey',
  'X-Api-Key',
  'X-API-KEY',
  'secretAccessKey',
  'aws_secret_access_key',
  'private-key',
  'client-key-data',
  'Authorization',
  'Proxy-Authorization',
  'Cookie',
  'Set-Cookie',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'session_id',
  'tokens',
  'credentials',
] as const;

const name = fc.constantFrom(...NAMES);
const headerName = fc.constantFrom(...NAMES.filter((each) => secretKind(each) === 'secret'), 'Cookies');
const before = fc.constantFrom('', 'cannot reach it: ', 'GET ', 'error (', 'a line\n', '{"a":"b"} ', 'said "');
const behind = fc.constantFrom('', ' was refused', '\nand more', ' failed: status bad', ' ');

function signs(all: string): fc.Arbitrary<string> {
  return fc.constantFrom(...all.split(''));
}

/** A secret of such characters beside the ones that all have. */
function secretOf(more: string): fc.Arbitrary<string> {
  const inner = fc.string({ unit: signs(CORE + more), minLength: 6, maxLength: 40 });
  return fc.tuple(signs(CORE), inner, signs(CORE)).map((parts) => parts.join(''));
}

/** All of it but what ends lines. */
const ANY = `${CORE} !#$%&'()*+,-./:;<=>?@[]^_{|}~\`"\\é`;
const NO_SPACE = ANY.replaceAll(' ', '');
const URL_PART = "!$'()*+,;:@-._~/?%";

/** Texts that hold a secret in some form. */
const FORMS: Readonly<Record<string, fc.Arbitrary<{ readonly secret: string; readonly text: string }>>> = {
  'a parameter of a URL': fc
    .tuple(
      fc.constantFrom(...NAMES, 'key', 'sig', 'auth', 'pass', 'sid'),
      secretOf(ANY),
      fc.constantFrom('?', '?a=b&', '#', '/x?a=b;'),
    )
    .map(([key, secret, start]) => ({
      secret: encodeURIComponent(secret).replaceAll("'", '%27'),
      text: `https://a.example/x${start}${key}=${encodeURIComponent(secret).replaceAll("'", '%27')}&b=c`,
    })),
  'a parameter of a URL that is a parameter': fc.tuple(name, secretOf('')).map(([key, secret]) => ({
    secret,
    text: `/login?next=${encodeURIComponent(`https://a.example/?a=b&${key}=${secret}&c=d`)}`,
  })),
  'a form': fc.tuple(name, secretOf('-._~*+')).map(([key, secret]) => ({ secret, text: `a=b&${key}=${secret}&c=d` })),
  'a field of JSON': fc
    .tuple(
      name,
      fc.oneof(secretOf(`${ANY}\n`), fc.string({ unit: 'grapheme', minLength: 1 })),
      fc.nat(2),
      fc.constantFrom(0, 2),
    )
    .map(([key, secret, depth, spaces]) => {
      const wrap = (text: string, left: number): string =>
        left === 0 ? text : wrap(JSON.stringify(text).slice(1, -1), left - 1);
      const json = JSON.stringify({ a: 'x', [key]: `QZQ${secret}QZQ`, b: { c: 'd' } }, null, spaces);
      return { secret: 'QZQ', text: wrap(json, depth) };
    }),
  'a list or a mapping of JSON': fc.tuple(name, secretOf(ANY), fc.boolean()).map(([key, secret, isList]) => ({
    secret,
    text: JSON.stringify({ [key]: isList ? ['x', secret] : { value: { of: secret } }, b: true }),
  })),
  'a number of JSON': fc.tuple(headerName, fc.nat({ max: 2 ** 31 })).map(([key, number]) => ({
    secret: `${number}${number}`,
    text: `{"${key}": ${number}${number}, "b": "c"}`,
  })),
  'an object that was shown': fc.tuple(name, secretOf(NO_SPACE.replaceAll(/['\\`"]/g, ''))).map(([key, secret]) => ({
    secret,
    text: `{ a: true, '${key}': '${secret}', ${key.replaceAll(/\W/g, '')}: [ '${secret}' ] }`,
  })),
  'a header': fc.tuple(headerName, secretOf(ANY)).map(([key, secret]) => ({ secret, text: `\n${key}: ${secret}` })),
  'a header with its scheme': fc
    .tuple(headerName, secretOf('-._~+/'), fc.constantFrom('Bearer', 'Basic', 'Token'))
    .map(([key, secret, scheme]) => ({ secret, text: `{${key}: ${scheme} ${secret}` })),
  'a word behind a colon': fc
    .tuple(headerName, secretOf(NO_SPACE))
    .map(([key, secret]) => ({ secret, text: `${key}: ${secret}` })),
  'an assignment': fc
    .tuple(name, secretOf(NO_SPACE), fc.constantFrom('=', ' = ', '==', '=>', ':='))
    .map(([key, secret, sign]) => ({
      secret,
      text: `${key}${sign}${secret}`,
    })),
  'an assignment in quotes': fc
    .tuple(name, secretOf(ANY.replaceAll(/["'`\\]/g, '')), fc.constantFrom('"', "'", '`'))
    .map(([key, secret, mark]) => ({ secret, text: `${key}=${mark}${secret}${mark}` })),
  'the user and password of a URL': fc
    .tuple(
      fc.constantFrom('ops', '', 'a@b'),
      secretOf(NO_SPACE.replaceAll(/[/?#\\"'`]/g, '')),
      fc.constantFrom('https', 'redis'),
    )
    .map(([user, secret, scheme]) => ({ secret, text: `${scheme}://${user}:${secret}@host.example/x` })),
  'a password of a URL that should have been encoded': fc
    .tuple(secretOf('/?#'), fc.constantFrom('https', 'postgres'))
    .map(([secret, scheme]) => ({ secret, text: `${scheme}://ops:Z${secret}@host.example/x` })),
  'a token as a user': secretOf(URL_PART.replaceAll(/[/?%]/g, '')).map((secret) => ({
    secret,
    text: `https://${secret}@host.example`,
  })),
  'a scheme and a token': fc
    .tuple(fc.constantFrom('Bearer', 'bearer', 'Basic'), secretOf('-._~+/'))
    .map(([scheme, secret]) => ({ secret, text: `sent "${scheme} ${secret}"` })),
  'a JSON web token': secretOf('-_').map((secret) => ({ secret, text: `x eyJhbGciOiJSUzI1NiJ9.${secret}.${secret}` })),
  'a private key': fc
    .tuple(fc.constantFrom('', 'RSA ', 'EC ', 'ENCRYPTED ', 'OPENSSH '), secretOf('+/=\n'))
    .map(([kind, secret]) => ({
      secret,
      text: `-----BEGIN ${kind}PRIVATE KEY-----\n${secret}\n-----END ${kind}PRIVATE KEY-----`,
    })),
};

/** Pieces of a secret that are in a text. */
function pieces(secret: string, text: string): readonly string[] {
  return Array.from({ length: Math.max(0, secret.length - PIECE + 1) }, (_, at) => secret.slice(at, at + PIECE)).filter(
    // What has none of the letters and digits of these secrets may be anybody's.
    (piece) => piece.split('').some((sign) => CORE.includes(sign)) && text.includes(piece),
  );
}

describe('no piece of a secret comes through', () => {
  it.each(Object.entries(FORMS))('%s', (_form, held) => {
    fc.assert(
      fc.property(held, before, behind, ({ secret, text }, start, end) => {
        const written = withoutSecrets(start + text + end);
        expect({ text: start + text + end, written, pieces: pieces(secret, written) }).toMatchObject({ pieces: [] });
        expect(written).toContain(REDACTED);
      }),
      { numRuns: RUNS },
    );
  });

  it('and what is left stays as it is when it is looked through again', () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(FORMS)), before, behind, ({ text }, start, end) => {
        const written = withoutSecrets(start + text + end);
        expect(withoutSecrets(written)).toBe(written);
      }),
      { numRuns: RUNS },
    );
  });

  it('nor where one is quoted', () => {
    fc.assert(
      fc.property(FORMS['the user and password of a URL']!, ({ secret, text }) => {
        expect(pieces(secret, quote(text))).toEqual([]);
      }),
    );
    expect(quote('http://bob:URLPW@127.0.0.1:1/')).toBe('"http://[redacted]@127.0.0.1:1/"');
  });

  it('whatever a text is: nothing is thrown, and what has no secret in it stays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(typeof withoutSecrets(text)).toBe('string');
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: signs('abcxyz012 .,;/-_()<>\n'), maxLength: 300 }), (text) => {
        expect(withoutSecrets(text)).toBe(text);
      }),
    );
  });
});

describe('what the tester found', () => {
  it.each([
    ['?access_token=QZ1', '?access_token=[redacted]'],
    ['client_secret=QZ1&a=b', 'client_secret=[redacted]'],
    ['/x?private_token=QZ1&api_key=QZ2&a=b', '/x?private_token=[redacted]&api_key=[redacted]&a=b'],
    ['{"access_token":"QZ1","a":"b"}', '{"access_token":"[redacted]","a":"b"}'],
    ['X-Api-Key: QZ1', 'X-Api-Key: [redacted]'],
    ['x-auth-token: QZ1', 'x-auth-token: [redacted]'],
    ['password: x', 'password: [redacted]'],
    ['/health?access_token=QZ1&key=QZ2 host=', '/health?access_token=[redacted]&key=[redacted] host='],
    ['?X-Amz-Signature=QZ1', '?X-Amz-Signature=[redacted]'],
    ['https://user:p@ss@host', 'https://[redacted]@host'],
  ])('%s is %s', (text, written) => {
    expect(withoutSecrets(text)).toBe(written);
  });
});

describe('ordinary words', () => {
  it.each([
    'token: expected 20 to 512 letters, digits or - . _ ~ + /',
    'the token "eu" is in the file in plain',
    'secrets is forbidden: User "x" cannot list resource "secrets" in API group ""',
    'cannot read the password: it is empty',
    'https://shop.example:443/healthz#192.0.2.1',
    'https://a.example/x@y is down',
    'https://[2001:db8::1]:8443/x@y?a=b',
    'ops@a.example',
    'tokens.yaml:12: tokens[3].token: expected a text',
    'login.token-file: expected a path, found nothing',
    'Basic authentication, bearer certificates',
    'the key: "shop.example", keys=12, tokens=3, {"tokens":3,"secret":null}',
    'https://10.0.0.1:8443/healthz host=shop.example every=10000ms within=3000ms rise=2 fall=3 200-399',
    'connect ECONNREFUSED 127.0.0.1:443',
  ])('%s', (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  it('of our own log: no message, meaning or field of it is lost', () => {
    for (const [code, [level, message, fields, meaning]] of Object.entries(LOG_EVENTS)) {
      const line = `${level} ${code} ${message} ${Object.keys(fields).join(' ')} ${meaning}`;
      expect(withoutSecrets(line)).toBe(line);
      const filled = Object.keys(fields).filter((field) => isSecretField(field, 1));
      expect(filled).toEqual([]);
    }
  });

  it('of our own source: what it says to people is not taken for a secret', () => {
    const texts = literals();
    expect(texts.length).toBeGreaterThan(1_000);
    const lost = texts.filter((text) => withoutSecrets(text) !== text);
    expect(lost.filter((text) => !EXAMPLES.some((example) => text.includes(example)))).toEqual([]);
  });
});

/** Texts of ours that show how a secret is given, which are for whoever asks, or for a page; and code in a template. */
const EXAMPLES = ['Authorization: Bearer', 'credentials_file:', '?access_token=…', '${JSON.stringify('];

/** The strings of the source that have words in them, each of one line. */
function literals(): readonly string[] {
  const texts = sourceFiles('src').flatMap(({ text }) =>
    [...withoutComments(text).matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\\n]|\\.)*)`/g)].map(
      ([, single, template]) => single ?? template ?? '',
    ),
  );
  return [...new Set(texts)].filter((text) => text.includes(' '));
}
