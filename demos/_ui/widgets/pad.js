const canvas = element.querySelector('canvas'), hint = element.querySelector('.wl-pad-hint');
const pen = canvas.getContext('2d');
let last = null;
const paper = () => { pen.fillStyle = '#fff'; pen.fillRect(0, 0, canvas.width, canvas.height); };
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
};
const stroke = (to) => {
  pen.lineCap = pen.lineJoin = 'round'; pen.lineWidth = canvas.width / 13; pen.strokeStyle = '#000';
  pen.beginPath(); pen.moveTo(...last); pen.lineTo(...to); pen.stroke(); last = to;
};
const hand_over = () => { props.value = canvas.toDataURL('image/png'); trigger('input'); };
const show = (address) => {
  if (!address) { paper(); hint.hidden = false; return; }
  hint.hidden = true;
  const picture = new Image();
  picture.onload = () => {
    paper();
    const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    pen.drawImage(picture, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  };
  picture.src = address;
};
paper();
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId); hint.hidden = true; last = at(event); stroke(last); event.preventDefault();
});
canvas.addEventListener('pointermove', (event) => {
  if (last) (event.getCoalescedEvents?.() || [event]).forEach((e) => stroke(at(e)));
});
const lift = () => { if (last) { last = null; hand_over(); } };
canvas.addEventListener('pointerup', lift);
canvas.addEventListener('pointercancel', lift);
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (!button) return;
  const address = props.examples[Number(button.dataset.example)].src;
  props.value = address; show(address); trigger('input');
});
watch('value', () => show(props.value));
