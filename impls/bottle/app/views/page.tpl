<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Same Session</title>
<link rel="icon" href="data:,">
<style>
:root {
  color-scheme: light dark; font: 112.5%/1.5 system-ui, sans-serif;
  --page: light-dark(#eceef5, #101218); --card: light-dark(#fff, #1b1e27); --ink: light-dark(#1a1c23, #eceef5);
  --line: light-dark(#6b7083, #9096a9); --main: light-dark(#2446c0, #adbeff); --danger: light-dark(#b3261e, #ffb4ab);
}
body { margin: 0; padding: 8vh 1rem 2rem; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
main { max-width: 21rem; margin: auto; padding: 1.5rem; border-radius: 1rem; background: var(--card); }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.2; }
form { margin-bottom: 1rem; }
input, button { box-sizing: border-box; width: 100%; min-height: 3rem; padding: .5rem 1rem; }
input, button { border: 1px solid var(--line); border-radius: .5rem; background: none; color: inherit; font: inherit; }
button { font-weight: 600; cursor: pointer; }
button:hover { box-shadow: inset 0 0 0 1px; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
[action="/count"] button { padding: 2.5rem .5rem; border-color: transparent; background: var(--main); color: var(--card); }
[action="/count"] button { font-size: 2.5rem; line-height: 1; }
[action="/user/login"] { display: grid; grid-template-columns: 1fr auto; gap: .5rem; }
label { grid-column: 1 / -1; }
[action="/reset"] { margin: 2.5rem 0 0; padding-top: 1.5rem; border-top: 2px solid var(--page); }
[action="/reset"] button { width: auto; border-color: currentcolor; color: var(--danger); }
</style>
</head>
<body>
<main>
% if username:
<h1>Hello, {{ username }}</h1>
% else:
<h1>Hello</h1>
% end
<form method="post" action="/count"><button>Count {{ count }}</button></form>
% if username:
<form method="post" action="/logout"><button>Log out</button></form>
% else:
<form method="post" action="/user/login">
<label for="username">Name</label>
<input id="username" name="username" required maxlength="64" pattern=".*\S.*" title="Not spaces alone" autocomplete="username">
<button>Log in</button>
</form>
% end
<form method="post" action="/reset"><button>Reset</button></form>
</main>
</body>
</html>\\
