// Loaded before Frappe's socketio server, which would listen on every address of the machine.
const { Server } = require("net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
	return typeof port === "object" ? listen.call(this, port, ...rest) : listen.call(this, port, "127.0.0.1", ...rest);
};
