// From the last key to the lines that show it: when the page asked, and when the answer was painted.
let asked_at = 0;
const send = window.fetch;
window.fetch = (...given) => {
  if (String(given[0]?.url ?? given[0]).includes('queue/join')) asked_at ||= performance.now();
  return send(...given);
};
window.measure_typing = async (texts, rest_ms) => {
  const area = document.querySelector('.wl-sentiment-writer textarea'), staff = document.querySelector('.wl-sentiment-staff'), found = [];
  const frame = () => new Promise((done) => requestAnimationFrame(done)), wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (const text of texts) {
    const before = staff.dataset.key, typed_at = performance.now();
    asked_at = 0;
    area.value = text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
    while (staff.dataset.key === before && performance.now() - typed_at < 20000) await frame();
    await frame();
    found.push([asked_at - typed_at, performance.now() - asked_at]);
    await wait(rest_ms);
  }
  return found;
};
