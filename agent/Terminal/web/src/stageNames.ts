import { say, type Dictionary, type Language } from './shared/i18n.ts'

/** The stages of the host's table, by the name each one gives itself (tests/Browser/words keeps the two together). */
const names: Dictionary = {
  eyes: ['视觉进程', 'Vision process'],
  'eyes-link': ['视觉进程通道', 'Line to the vision process'],
  matching: ['名单比对', 'Matching'],
  alerts: ['预警', 'Alerts'],
  lists: ['布控名单', 'Watchlists'],
  link: ['中心连接', 'Centre link'],
  clips: ['录像片段', 'Clips'],
  'asked-clips': ['中心索取的录像', 'Clips for the centre'],
  gnss: ['卫星定位', 'GNSS'],
  scenes: ['车流人流计数', 'Crowd and traffic counts'],
  recordings: ['报警录音', "Callers' recordings"],
  releases: ['软件下载', 'Software download'],
  install: ['软件安装', 'Software installation'],
  live: ['实时画面', 'Live video'],
  terminal: ['终端页面', 'Terminal page'],
  audit: ['审计日志', 'Audit log'],
  receipts: ['删除凭证', 'Deletion receipts'],
  assist: ['救助', 'Assist'],
  'look-ups': ['核查', 'Look-ups'],
  retention: ['到期删除', 'Deletion on time'],
  screens: ['屏幕锁定', 'Screen lock'],
  hazards: ['隐患上报', 'Hazards'],
  technician: ['维护接口', "Technician's door"],
  'sos-key': ['求助按键', 'Emergency key'],
  voice: ['语音对讲', 'Voice'],
  power: ['车辆电源', "The vehicle's power"],
  box: ['主机状态', 'Box'],
  health: ['状态上报', 'Health report'],
  privacy: ['隐私区域', 'Privacy places'],
}

export function stageName(name: string, lang: Language): string {
  const entry = names[name]
  return entry ? say(entry, lang) : name
}
