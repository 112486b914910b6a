<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Same Session</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 112.5%/1.5 system-ui, sans-serif; }
body { max-width: 22rem; margin: 12vh auto; padding: 0 1rem; }
form { margin: 0 0 1rem; }
label { display: block; }
input, button { box-sizing: border-box; width: 100%; padding: .6rem; border: 1px solid; border-radius: .4rem; font: inherit; }
input { margin-bottom: .5rem; }
button { cursor: pointer; }
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
<form method="post" action="/reset"><button>Reset</button></form>
% if username:
<form method="post" action="/logout"><button>Log out</button></form>
% else:
<form method="post" action="/user/login">
<label for="username">Name</label>
<input id="username" name="username" required maxlength="64" autocomplete="username">
<button>Log in</button>
</form>
% end
</main>
</body>
</html>\\
