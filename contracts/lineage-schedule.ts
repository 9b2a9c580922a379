/** How often the recorded lineage is compared with the truth; the schedule and the function that it calls agree here. */

/** Hours between two rounds. A round without changes is a few list calls. */
export const RECONCILE_HOURS = 6;
/** Hours that a round looks back: eight rounds, so that seven may fail before something is overlooked. */
export const LOOK_BACK_HOURS = 8 * RECONCILE_HOURS;
