// Small choices kept in this browser. Storage may be switched off: a choice then lasts as long as the page.

const read = (storage, key) => {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
};

const write = (storage, key, value) => {
  try {
    storage().setItem(key, value);
  } catch {
    // nothing to be done, and nothing lost but the choice
  }
};

const local = () => localStorage;
const session = () => sessionStorage;

/** Kept until the browser's data are cleared. */
export const remembered = (key, fallback) => read(local, `penniless-${key}`) ?? fallback;
export const remember = (key, value) => write(local, `penniless-${key}`, value);

/** Kept until the tab is closed: a set of texts, the newest hundred. */
export function rememberedSet(key) {
  const stored = read(session, `penniless-${key}`);
  const values = new Set(stored ? JSON.parse(stored) : []);
  const keep = () => write(session, `penniless-${key}`, JSON.stringify([...values].slice(-100)));
  return {
    has: (value) => values.has(value),
    add(value) {
      values.add(value);
      keep();
    },
    delete(value) {
      values.delete(value);
      keep();
    },
  };
}
