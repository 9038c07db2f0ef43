/** The key, without prefix, under which a director writes into a cluster what it makes of an object: never an input. */
export const STATUS_KEY = 'status';
