/** Orders that end on one day are told together: a city's cameras are authorised by the hundred. Pure. */
import type { Agenda } from "../../api/types";

type Order = Agenda["orders"][number];

export interface OrdersTogether {
  standing: Order["standing"];
  until: string;
  confirmed: boolean;
  cameras: string[];
}

/** Return the orders by last day, standing and confirmation, the soonest first. */
export function together(orders: readonly Order[]): OrdersTogether[] {
  const found = new Map<string, OrdersTogether>();
  for (const { camera, authorised_until: until, standing, confirmed } of orders) {
    const key = `${until} ${standing} ${confirmed}`;
    const group = found.get(key) ?? { standing, until, confirmed, cameras: [] };
    group.cameras.push(camera);
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => a.until.localeCompare(b.until));
}
