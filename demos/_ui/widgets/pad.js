const canvas = element.querySelector('canvas');
const pen = canvas.getContext('2d');
let last = null, drawn = '', given = false;  // the pen's last place; what was drawn by hand; whether something else is shown
const wipe = () => { pen.fillStyle = '#101416'; pen.fillRect(0, 0, canvas.width, canvas.height); given = false; };
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
};
const stroke = (to) => {
  pen.lineCap = pen.lineJoin = 'round'; pen.lineWidth = canvas.width / 13; pen.strokeStyle = '#fff';
  pen.beginPath(); pen.moveTo(...last); pen.lineTo(...to); pen.stroke(); last = to;
};
const hand_over = () => { drawn = canvas.toDataURL('image/png'); props.value = drawn; trigger('input'); };
const show = (address) => {
  if (address && address === drawn) return;
  drawn = ''; wipe();
  if (!address) return;
  const picture = new Image();
  picture.onload = () => {
    wipe(); given = true;
    const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    pen.imageSmoothingEnabled = scale < 4;  // what is as small as MNIST's shows its pixels
    pen.drawImage(picture, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  };
  picture.src = address;
};
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId); if (given) wipe(); last = at(event); stroke(last); event.preventDefault();
});
canvas.addEventListener('pointermove', (event) => {
  if (last) (event.getCoalescedEvents?.() || [event]).forEach((e) => stroke(at(e)));
});
const lift = () => { if (last) { last = null; hand_over(); } };
canvas.addEventListener('pointerup', lift);
canvas.addEventListener('pointercancel', lift);
watch('value', () => show(props.value));
show(props.value);
