// Looks for cameras with npm's onvif client, which is written against real ones. Prints the device services that answered, as one JSON array.
import dgram from 'node:dgram';
import onvif from 'onvif';

const { Discovery } = onvif;

// The client leaves the way to the machine's routes; the bench answers on loopback alone.
const create = dgram.createSocket;
dgram.createSocket = (...given) => {
  const socket = create(...given);
  const send = socket.send.bind(socket);
  socket.send = (...what) => {
    socket.setMulticastInterface('127.0.0.1');
    send(...what);
  };
  return socket;
};

Discovery.on('error', () => {}); // what else speaks on the port
const found = await new Promise((resolve) => {
  Discovery.probe({ timeout: 1500, resolve: false }, (error, cameras) => resolve(cameras ?? []));
});
console.log(JSON.stringify(found.map((camera) => camera.probeMatches.probeMatch.XAddrs)));
