// A small stable hash (FNV-1a), so that a drawing made from an id is the same each time.

/** A whole number >= 0 from any text. */
export function hash(value) {
  let found = 0x811c9dc5;
  for (const unit of String(value)) {
    found ^= unit.codePointAt(0);
    found = Math.imul(found, 0x01000193) >>> 0;
  }
  return found;
}

/** A repeatable source of numbers in [0, 1). */
export function random(seed) {
  let state = hash(seed) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}
