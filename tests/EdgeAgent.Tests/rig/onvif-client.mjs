// Drives the PTZ simulator with npm's onvif client, which is written against real cameras. Prints one JSON object.
import { promisify } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Cam } from 'onvif';

const [port, username, password] = process.argv.slice(2);

const connect = (secret) => new Promise((resolve, reject) => {
  const cam = new Cam({ hostname: '127.0.0.1', port: Number(port), username, password: secret, timeout: 5000 }, (error) => (error ? reject(error) : resolve(cam)));
});

const cam = await connect(password);
const call = (name, options) => promisify(cam[name].bind(cam))(options);
const position = async () => (await call('getStatus', {})).position;

const { uri } = await call('getStreamUri', { protocol: 'RTSP' });
await call('setPreset', { presetName: 'home' });
await call('continuousMove', { x: 1, y: 0, zoom: 0 });
await pause(500);
const status = await call('getStatus', {});
await call('stop', { panTilt: true, zoom: true });
const stopped = await position();
await pause(200);
const later = await position();
const presets = await call('getPresets', {});
await call('gotoPreset', { preset: Object.values(presets)[0].$.token });
await pause(1200);
const back = await position();
const wrongPassword = await connect('wrong').then(() => 'accepted', () => 'refused');

console.log(JSON.stringify({ uri, moved: status.position, movingStatus: status.moveStatus.panTilt, stopped, later, presets: Object.keys(presets), back, wrongPassword }));
