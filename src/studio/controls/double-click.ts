/** Other buttons take the place of Generate when it is pressed. They ignore clicks for this time, because the second half of a double click is not meant for them. */
export const doubleClickMs = 500;
