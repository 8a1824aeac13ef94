// Put into every page before its own scripts: notes what a click's round trip passes, in ms of the page's own clock.
window.passed = [];
const note = (what, more = {}) => window.passed.push({what, at: performance.now(), ...more});
const hear = (line) => {
  if (!line.startsWith('data:')) return;
  const message = JSON.parse(line.slice(5));
  if (message.msg === 'process_completed') note('done', {handler: 1000 * (message.output?.duration ?? 0)});
};
const listen = async (stream) => {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; ; ) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (text + value).split('\n');
    text = lines.pop();
    lines.forEach(hear);
  }
};
const fetched = window.fetch.bind(window);
window.fetch = async (...asked) => {
  const address = String(asked[0]?.url ?? asked[0]);
  if (address.includes('/queue/join')) note('sent');
  const response = await fetched(...asked);
  if (address.includes('/queue/join')) note('waiting');
  if (address.includes('/queue/data') && response.body) listen(response.clone().body).catch(() => {}); // it was left
  return response;
};
window.EventSource = class extends window.EventSource {
  constructor(...asked) {
    super(...asked);
    this.addEventListener('message', (event) => hear(`data:${event.data}`));
  }
};
// the first answer on the page: a live place that can be seen and says more than a note; Gradio's own clock in it is none
const ASIDE = '.wl-note, [data-testid=status-tracker]';
const says = (part) => part.nodeType === Node.TEXT_NODE ? part.data.trim() !== '' :
  part.nodeType === Node.ELEMENT_NODE && !part.matches(`${ASIDE}, style, script`) &&
  (part.matches('img, svg, canvas') || [...part.childNodes].some(says));
window.answered = () => [...document.querySelectorAll('.wl-live')].some((place) => place.checkVisibility() && says(place));
// from a key pressed until the readout with these words has changed
window.watch = (words) => {
  const place = [...document.querySelectorAll('.wl-live')].find((live) => live.textContent.includes(words));
  const read = () => place.querySelector('.wl-readouts')?.textContent;
  let before = read();
  new MutationObserver(() => {
    const now = read();
    if (!now || now === before) return;
    before = now;
    note('shown');
  }).observe(place, {childList: true, subtree: true, characterData: true});
  document.addEventListener('keydown', () => {
    window.passed = [];
    note('pressed');
  }, true);
};
// whether all that was asked has been answered, and for a while
window.idle = () => {
  const count = (what) => window.passed.filter((passed) => passed.what === what).length;
  const last = window.passed.at(-1)?.at ?? 0;
  return count('sent') <= count('done') && performance.now() - last > 400;
};
