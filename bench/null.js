// A responder that looks at nothing: the ceiling of the generator and of the way to the app.
const reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
require("net")
  .createServer((client) => {
    client.setNoDelay(true);
    client.on("data", () => client.write(reply));
    client.on("error", () => client.destroy());
  })
  .listen(process.env.PORT || 8000, process.env.HOST || "0.0.0.0");
