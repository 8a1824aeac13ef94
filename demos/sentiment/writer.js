// The text: one question at each pause, and at once where a word of the score was changed.
const PAUSE_MS = 180, area = element.querySelector('textarea');
let waiting = 0, sent = null;
const ask = () => {
  clearTimeout(waiting);
  if (area.value === sent) return;
  props.value = sent = area.value;
  trigger('input');
};
const grow = () => { area.style.height = 'auto'; area.style.height = `${Math.min(area.scrollHeight + 2, 150)}px`; };
area.addEventListener('input', (event) => {
  event.stopPropagation();
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE_MS);
  grow();
});
area.addEventListener('change', (event) => event.stopPropagation());
desk.write = (text) => { area.value = text; grow(); ask(); };
watch('value', () => {  // an example
  const { value } = props;
  if (typeof value !== 'string' || value === sent) return;
  area.value = sent = value;
  desk.past = [];
  grow();
});
