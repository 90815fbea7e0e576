// Loaded by `millrace run` into every Node.js process below it (NODE_OPTIONS). Node.js before version 24 does not honour
// HTTPS_PROXY by itself, and an AWS client makes agents of its own: so it is where every agent makes its connections that
// they are led through the proxy.
'use strict';

const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const MAX_ANSWER_BYTES = 65536;
const proxy = process.env.HTTPS_PROXY ? new URL(process.env.HTTPS_PROXY) : null;
const direct = new Set((process.env.NO_PROXY || '').split(',').map((host) => host.trim()).filter(Boolean));

/** Opens a tunnel; `callback(error, socket)`, where the socket's bytes are the host's. */
function openTunnel(host, port, callback) {
  const socket = net.connect(Number(proxy.port), proxy.hostname);
  let answer = Buffer.alloc(0);
  const refuse = (reason) => finish(new Error(`${host}:${port} was not reached through the proxy of millrace run: ${reason}`));
  const onError = (error) => refuse(error.message);
  const onClose = () => refuse(answer.toString('utf8').split('\r\n\r\n')[1]?.trim() || 'it closed the connection');
  const onData = (chunk) => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    if (/^HTTP\/1\.[01] 200 /.test(answer.subarray(0, 16).toString('latin1'))) {
      if (end >= 0) finish(null);
    } else if (answer.length > MAX_ANSWER_BYTES) {
      refuse('its answer has no end');
    }
  };
  function finish(error) {
    socket.off('error', onError).off('close', onClose).off('data', onData);
    if (!error) return callback(null, socket);
    socket.on('error', () => {}).destroy();
    callback(error);
  }
  socket.on('error', onError).on('close', onClose).on('data', onData);
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
}

/** The same with TLS inside, checked as `options` say. */
function connectSecurely(host, port, options, callback) {
  openTunnel(host, port, (error, socket) => {
    if (error) return callback(error);
    callback(null, tls.connect({...options, socket, servername: options.servername || (net.isIP(host) ? '' : host)}));
  });
}

/** Agents of https, whoever made them. */
function leadHttpsThroughProxy() {
  const own = https.Agent.prototype.createConnection;
  https.Agent.prototype.createConnection = function createConnection(options, callback) {
    const host = options?.host || options?.hostname;
    if (typeof callback !== 'function' || !host || options.socketPath || direct.has(host)) {
      return own.apply(this, arguments);
    }
    connectSecurely(host, options.port || 443, options, callback);
    return undefined;
  };
}

/** Agents of http: a proxy gets the whole URL as the request's target (RFC 9112 section 3.2.2). */
function leadHttpThroughProxy() {
  const own = http.Agent.prototype.addRequest;
  http.Agent.prototype.addRequest = function addRequest(request, options, ...rest) {
    const host = options?.host || options?.hostname;
    if (this.protocol === 'http:' && host && !options.socketPath && !direct.has(host) && !request._header) {
      const port = Number(options.port || 80);
      request.path = `http://${host}${port === 80 ? '' : `:${port}`}${request.path}`;
      return own.call(this, request, {...options, host: proxy.hostname, port: Number(proxy.port)}, ...rest);
    }
    return own.call(this, request, options, ...rest);
  };
}

/** The built-in fetch(), which has a dispatcher of its own; made when it is first used, since loading it takes time. */
function leadFetchThroughProxy() {
  const own = globalThis.fetch;
  if (typeof own !== 'function') return;
  const place = Symbol.for('undici.globalDispatcher.1');
  let led = false;
  globalThis.fetch = function fetch(...args) {
    if (!led) {
      void globalThis.Response; // loads it
      const Dispatcher = globalThis[place]?.constructor;
      if (Dispatcher) globalThis[place] = new Dispatcher({connect: connectForFetch});
      led = true;
    }
    return own.apply(this, args);
  };
}

function connectForFetch({hostname, port, protocol, servername}, callback) {
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  const ready = (error, socket) => {
    if (error) return callback(error);
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      socket.off('error', callback);
      callback(null, socket);
    });
    socket.once('error', callback);
  };
  if (direct.has(hostname)) {
    ready(null, protocol === 'https:' ? tls.connect({host: hostname, port: number, servername}) : net.connect(number, hostname));
  } else if (protocol === 'https:') {
    connectSecurely(hostname, number, {servername, ALPNProtocols: ['http/1.1']}, ready);
  } else {
    openTunnel(hostname, number, callback);
  }
}

if (proxy) {
  leadHttpsThroughProxy();
  leadHttpThroughProxy();
  leadFetchThroughProxy();
}
