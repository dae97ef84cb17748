import { showTimesIn } from "../src/i18n/zone";

// Whatever the machine's own clock: as the demo's node is set.
showTimesIn("Europe/Paris");
