// The text: one question at each pause, and at once where a word of the score was changed. Whatever was asked can be had again.
const PAUSE_MS = 180, MOST_PAST = 40, area = element.querySelector('textarea');
let waiting = 0, sent = null;
const keep_past = () => { if (sent !== null) desk.past = [...desk.past.slice(1 - MOST_PAST), sent]; };
const keep_typed = () => {  // what no pause has asked about yet
  clearTimeout(waiting);
  if (area.value === (sent ?? '')) return;
  keep_past();
  sent = area.value;
};
const ask = () => {
  props.value = sent;
  trigger('input');
};
const grow = () => { area.style.height = 'auto'; area.style.height = `${Math.min(area.scrollHeight + 2, 150)}px`; };
const put = (text) => { area.value = sent = text; grow(); };
area.addEventListener('input', (event) => {
  event.stopPropagation();
  clearTimeout(waiting);
  waiting = setTimeout(() => { if (area.value !== sent) { keep_typed(); ask(); } }, PAUSE_MS);
  grow();
});
area.addEventListener('change', (event) => event.stopPropagation());
desk.write = (text) => { keep_typed(); keep_past(); put(text); ask(); };
desk.undo = () => { keep_typed(); if (desk.past.length) { put(desk.past.pop()); ask(); } };
watch('value', () => {  // an example
  const { value } = props;
  if (typeof value !== 'string' || value === sent) return;
  keep_typed(); keep_past(); put(value);
});
