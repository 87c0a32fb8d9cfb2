/** How the page for people looks, light and dark. */
export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e6e8eb);
  --soft: light-dark(#57606a, #9aa4af);
  --paper: light-dark(#ffffff, #14171a);
  --panel: light-dark(#f5f6f8, #1d2126);
  --line: light-dark(#d8dce1, #323941);
  --link: light-dark(#0550ae, #79b8ff);
  --read: light-dark(#116329, #6fdd8b);
  --write: light-dark(#8a3f00, #ffb77c);
  --remove: light-dark(#a40e26, #ff9aa2);
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body {
  margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr);
  font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
}
a { color: var(--link) }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -99rem }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); z-index: 1 }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem;
  background: var(--panel); border-right: 1px solid var(--line); font-size: .85rem;
}
nav ul { list-style: none; margin: 0; padding: 0 }
nav li a { display: flex; padding: .2rem .35rem; border-radius: .3rem; text-decoration: none; color: inherit; overflow-wrap: anywhere }
nav li a:hover { background: var(--line) }
.title { margin: 0; font-size: 1.05rem; font-weight: 650 }
.title a { color: inherit; text-decoration: none }
.group { margin: 1.2rem 0 .3rem; font-weight: 650; color: var(--soft) }
main { padding: 2rem clamp(1rem, 4vw, 4rem) 6rem; max-width: 70rem }
h1 { margin-top: 0; font-size: 1.9rem }
h2 { margin-top: 3.5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { margin: 2.6rem 0 .3rem; font-size: 1.1rem; overflow-wrap: anywhere }
h4 { margin: 1.3rem 0 .4rem }
.summary { margin: 0 0 .6rem; font-size: 1.05rem }
.method { display: inline-block; flex: 0 0 4.6em; min-width: 4.6em; font: 700 .72rem/1.5 ui-monospace, monospace; color: var(--read) }
.method.post { color: var(--write) }
.method.delete { color: var(--remove) }
code, pre { font-family: ui-monospace, monospace; font-size: .9em }
:not(pre) > code { background: var(--panel); padding: .08em .3em; border-radius: .25rem }
h3 code { background: none !important; padding: 0 }
pre { margin: .5rem 0 0; padding: .9rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; line-height: 1.4 }
.wide { overflow-x: auto; margin: .6rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .88rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line) }
thead th { color: var(--soft); font-weight: 600 }
tbody th { font-weight: 400; white-space: nowrap }
em { color: var(--soft); font-size: .85em }
small { color: var(--soft) }
details { margin: .7rem 0 }
summary { cursor: pointer; color: var(--link) }
@media (max-width: 55rem) {
  body { display: block }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line) }
}
@media print { nav { display: none } body { display: block } details { display: block } }
`
