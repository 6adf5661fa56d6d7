/** How a connector that does not use the outcome `not-found` names a list's own 404. */
export const LIST_NOT_FOUND = 'http-404';
