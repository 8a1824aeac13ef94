// What the parts of this page share: the text as it was read, the word that is looked at, and who wants to know.
const desk = (window.wl_sentiment ??= { hub: new EventTarget(), reading: null, at: null, offer: null, nots: null, write: null, undo: null, past: [], waits: 0 });
const on = (what, act) => desk.hub.addEventListener(what, () => { if (element.isConnected) act(); });
const tell = (what) => desk.hub.dispatchEvent(new Event(what));
const find = (name) => element.querySelector(`.wl-sentiment-${name}`);
const KINDS = props.kinds, SVG = 'http://www.w3.org/2000/svg';
const keep = (value, low, high) => Math.min(high, Math.max(low, value));
const two = (p) => p.toFixed(2);
const signed = (change) => `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(2)}`;
const made = (tag, kind = '', words = '') => {
  const it = document.createElement(tag);
  if (kind) it.className = `wl-sentiment-${kind}`;
  if (words) it.textContent = words;
  return it;
};
const drawn = (tag, facts) => {
  const it = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(facts)) it.setAttribute(name, value);
  return it;
};
const each_frame = (act) => {
  let asked = false;
  return () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; if (element.isConnected) act(); }); } };
};
