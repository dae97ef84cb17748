/** Takes the hand from the keys: when one comes up, and when nobody can be at them any more. */
import { turnOf } from "./motion";
import type { Steering } from "./steering.svelte";

/** Listen until the returned function is called. */
export function hearKeysUp(steering: Steering): () => void {
  const up = ({ key }: KeyboardEvent) => {
    const turn = turnOf(key);
    if (turn) steering.lift(turn);
  };
  const gone = () => steering.stopTurning();
  const hidden = () => {
    if (document.hidden) gone();
  };
  document.addEventListener("keyup", up);
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("blur", gone);
  window.addEventListener("pagehide", gone);
  return () => {
    document.removeEventListener("keyup", up);
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("blur", gone);
    window.removeEventListener("pagehide", gone);
  };
}
