"""What an eye would notice on a screen and a machine can: text that is cut off, a focus that is lost."""

from playwright.sync_api import Page

_CUT = """
() => {
  const found = [];
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const top = [...document.querySelectorAll("dialog[open]")].pop();
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);
  const hides = (overflow) => /hidden|clip/.test(overflow);
  const walk = document.createTreeWalker(top ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const holder = node.parentElement;
    const words = node.data.trim();
    if (!words || !seen(holder) || holder.closest(".unseen, [aria-hidden=true]")) continue;
    // Words that are whole in a tooltip may be shortened on the screen.
    if (holder.closest("[title]")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    let within = false;
    for (let parent = holder; parent && parent !== document.body; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (scrolls(style)) { within = true; break; }
      const edge = parent.getBoundingClientRect();
      const across = hides(style.overflowX) && (box.right > edge.right + 1 || box.left < edge.left - 1);
      const down = hides(style.overflowY) && (box.bottom > edge.bottom + 2 || box.top < edge.top - 2);
      if (across || down) {
        found.push(`cut ${across ? "across" : "down"}: ${words.slice(0, 60)} [${parent.tagName} ${parent.className}]`);
        within = true;
        break;
      }
    }
    const out = box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
    if (out && !within) found.push(`out of the window: ${words.slice(0, 60)}`);
  }
  for (const control of (top ?? document.body).querySelectorAll("button, a[href], input, select, textarea, summary")) {
    if (!seen(control) || control.closest(".unseen")) continue;
    const box = control.getBoundingClientRect();
    let within = false;
    for (let parent = control.parentElement; parent; parent = parent.parentElement)
      if (scrolls(getComputedStyle(parent))) { within = true; break; }
    if (!within && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1))
      found.push(`out of the window: ${control.outerHTML.slice(0, 80)}`);
  }
  return [...new Set(found)];
}
"""
_FOCUS = """
() => {
  const focus = document.activeElement;
  const top = [...document.querySelectorAll("dialog[open]")].pop();
  if (!focus || focus === document.body) return "";
  if (top && !top.contains(focus)) return `behind the dialog: ${focus.outerHTML.slice(0, 80)}`;
  const box = focus.getBoundingClientRect();
  if (!focus.checkVisibility() || !box.width || !box.height) return `nowhere to be seen: ${focus.outerHTML.slice(0, 80)}`;
  return "seen";
}
"""


def cut_off(page: Page) -> list[str]:
    """Return the words and controls that are cut off, on the page or in the dialog that stands over it.

    Words may be shortened where a tooltip holds them whole, and stand out of sight where they can be scrolled to.
    """
    found: list[str] = page.evaluate(_CUT)
    return found


def walk_the_focus(page: Page, steps: int) -> None:
    """Fail unless Tab moves the focus to something that is seen, step by step."""
    for step in range(steps):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        # Between the last control and the first the focus is the browser's own.
        assert found in ("seen", ""), f"step {step + 1}: {found}"
