import { expect, test } from "vitest";
import { isOwners, ownerOf } from "../../src/room/sides";

const bound = [{ id: "villeneuve-dascq" }, { id: "etat" }];
const seated = (party: string, role: "csu-operator" | "cic-operator", of: string) => ({ party, agent: { party: of, role } });

test("an officer has the room of whoever watches, hosted or at a node of its own", () => {
  expect(isOwners(seated("villeneuve-dascq", "csu-operator", "villeneuve-dascq"))).toBe(true);
  expect(isOwners(seated("villeneuve-dascq", "cic-operator", "etat"))).toBe(false);
  expect(isOwners(seated("etat", "cic-operator", "etat"))).toBe(false);
});

test("the cameras are the city's, at whichever node the officer sits", () => {
  for (const party of ["villeneuve-dascq", "etat"]) {
    expect(ownerOf(seated(party, "cic-operator", "etat"), bound)).toBe("villeneuve-dascq");
  }
  expect(ownerOf(seated("etat", "cic-operator", "etat"), undefined)).toBe("etat");
});
