import { contains, isRestricted } from '../../desired/area.ts';
import { type Filter, sift } from './filter.ts';

/** A fence: clients inside the policy's residency area are only ever sent to clusters inside it. */
export const residency: Filter = (input, left, trace) => {
  const area = input.policy.residency;
  const resident = contains(area, input.client);
  const open = isRestricted(area) ? 'the client is not known to be in the residency area' : 'no residency set';
  return sift(
    input,
    left,
    {
      filter: 'residency',
      keeps: ({ endpoint }) => !resident || contains(area, endpoint.location),
      why: (_, kept) => (resident ? `the cluster is ${kept ? 'inside' : 'outside'} the client's residency area` : open),
    },
    trace,
  );
};
