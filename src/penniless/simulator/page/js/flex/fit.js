// adjustMode "shrink-to-fit": letters that do not fit into their line become smaller until they do.
// https://developers.line.biz/en/docs/messaging-api/flex-message-elements/#adjusts-fontsize-to-fit

const SMALLEST = 0.1;

const sizes = new ResizeObserver((changes) => {
  for (const { target } of changes) fit(target);
});
const inners = new WeakMap(); // element -> the line inside that must fit

/** Rows out of sight are not laid out: the observer speaks once they are. */
export function shrinks(element, inner) {
  inners.set(element, inner);
  element.classList.add("fx-shrinks");
  sizes.observe(element);
}

function fit(element) {
  const inner = inners.get(element);
  element.style.removeProperty("--fit");
  if (!inner.clientWidth || inner.scrollWidth <= inner.clientWidth) return;
  let share = inner.clientWidth / inner.scrollWidth;
  element.style.setProperty("--fit", share.toFixed(4));
  while (inner.scrollWidth > inner.clientWidth && share > SMALLEST) {
    share *= 0.98; // letters do not shrink quite in proportion
    element.style.setProperty("--fit", share.toFixed(4));
  }
}
