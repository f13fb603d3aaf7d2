/** Views of a still carry this in place of a host's id: it is of no host that reports now. */
export const STILL_HOST_ID = 'still';
