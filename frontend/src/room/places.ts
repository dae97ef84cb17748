/** How many pictures a wall holds: one large and three small at first, eight on demand (screens, Numbers to design by). */
export const PLACES = 8;
export const PLACES_AT_FIRST = 4;
