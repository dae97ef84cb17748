/** Holds types.ts, which the screens read, to schema.d.ts, which is generated from the node's own description: what the
 * node may say must be something that the screens can read. A member that disagrees fails the type check here, by name. */
import type { components } from "./schema";
import type * as screens from "./types";

type Said = components["schemas"];
type Readable<Wire extends Screen, Screen> = [Wire, Screen];

export type Agreement = {
  session: Readable<Said["SessionOut"], screens.Session>;
  camera: Readable<Said["CameraPropertiesOut"], screens.CameraProperties>;
  event: Readable<Said["EventOut"], screens.OperationalEvent>;
  viewing: Readable<Said["ViewingOut"], screens.Viewing>;
  holder: Readable<Said["HolderOut"], screens.Holder>;
  slots: Readable<Said["SlotsOut"], screens.Slots>;
  suspension: Readable<Said["SuspensionOut"], screens.Suspension>;
  streams: Readable<Said["StreamsOut"], screens.Streams>;
  opened: Readable<Said["StreamOut"], screens.OpenedStream>;
  decision: Readable<Said["DecisionOut"], screens.Decision>;
  problem: Readable<Said["ProblemOut"], screens.Problem>;
  convention: Readable<Said["ConventionOut"], screens.ConventionInForce>;
};
