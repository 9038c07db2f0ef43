import { contains, isRestricted } from '../../desired/area.ts';
import { type Filter, sift } from './filter.ts';

/** A fence: an endpoint with a `serves` area takes only clients that are known to be in it. */
export const serves: Filter = (input, left, trace) =>
  sift(
    input,
    left,
    {
      filter: 'serves',
      keeps: ({ endpoint }) => !isRestricted(endpoint.serves) || contains(endpoint.serves, input.client),
      why: ({ endpoint }, kept) => {
        if (!isRestricted(endpoint.serves)) return 'serves everywhere';
        return kept ? 'serves the area of the client' : 'the client is not known to be in the area it serves';
      },
    },
    trace,
  );
