/** What the panel shows: all that the ui knows of the rest of the plugin. */

import type { ConnectionView } from "../client/connection";
import type { EditView } from "../client/standing";
import type { PlanEditResponse } from "../gen/inlay/v1/inlay_pb";
import type { ManyView } from "../many";
import type { Review } from "../gen/inlay/v1/review_pb";

/** The result in hand: a group in the document in front. */
export interface ResultView {
  /** Differs from the id of every other result, and changes when the variations do. */
  readonly id: string;
  /** Differs once another variation shows. */
  readonly look: string;
  readonly name: string;
  /** Whether it shows at all. */
  readonly visible: boolean;
  /** `picture`: the source of an `<img>`; empty while there is none. */
  readonly variations: readonly { readonly name: string; readonly picture: string }[];
  /** Which one is visible; -1: none. */
  readonly shown: number;
  /** Whether the visible one is a draft that this server can finish. */
  readonly canFinish: boolean;
  /** What there is to know of it: what was ignored, what to try; empty: nothing. */
  readonly note: string;
  /** The style against whose colours it can be held; empty: none is chosen. */
  readonly kit: string;
  /** How what shows of it keeps to a brand's colours, in words; empty: nobody asked. */
  readonly brand: string;
}

/** Everything the panel shows. */
export interface PanelState {
  /** The document in front; null: none. */
  readonly document: number | null;
  readonly connection: ConnectionView;
  /** The edits of the document in front, oldest first; then those that ended without a result, until they are closed. */
  readonly edits: readonly EditView[];
  /** Results at the server that are not in the document in front. */
  readonly offers: number;
  /** The reviews of the document in front that go on, the newest first. */
  readonly reviews: readonly Review[];
  /** The plan for the selection, or a sentence on why there is none. */
  readonly plan: PlanEditResponse | string;
  readonly canRun: boolean;
  /** Edits like the result in hand's, in other documents or in its own. */
  readonly many: ManyView;
  readonly result: ResultView | null;
  /** What went wrong last with the document in front, but for its edits; empty: nothing. */
  readonly trouble: string;
  /** How often a result has filled in the form of its document. */
  readonly filledIn: number;
}
