/** Longest annotation value that is read, in characters. */
export const MAX_VALUE = 2048;
