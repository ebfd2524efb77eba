/** Where Generate was, other buttons stand a moment later: the second half of a double click is not meant for them. */
export const doubleClickMs = 500;
