// The page of the book's example: the newest prime on top.
const primes = [];

new EventSource('/prime').onmessage = (event) => {
  primes.unshift(JSON.parse(event.data));
  m.redraw();
};

m.mount(document.body, {
  view: () => [
    m('h1', 'Primes'),
    m('ol', primes.map((prime) => m('li', { key: prime.id }, prime.number))),
  ],
});
