import type { Camera } from './shared/api.ts'
import { say, type Dictionary, type Language } from './shared/i18n.ts'

// The host's names of its stages. A camera's stage carries the camera's id after a colon, dash or slash.
const names: Dictionary = {
  eyes: ['视觉进程', 'Vision process'],
  camera: ['摄像机 {which}', 'Camera {which}'],
  cameras: ['摄像机', 'Cameras'],
  vision: ['识别', 'Recognition'],
  faces: ['人脸识别', 'Faces'],
  plates: ['车牌识别', 'Plates'],
  matching: ['名单比对', 'Matching'],
  watchlists: ['布控名单', 'Watchlists'],
  lists: ['布控名单', 'Watchlists'],
  alerts: ['预警', 'Alerts'],
  officers: ['警员登录', 'Officers'],
  outbox: ['待发库', 'Outbox'],
  uplink: ['中心连接', 'Centre link'],
  link: ['中心连接', 'Centre link'],
  gnss: ['卫星定位', 'GNSS'],
  position: ['定位', 'Position'],
  track: ['轨迹', 'Track'],
  clock: ['时间', 'Clock'],
  time: ['时间', 'Clock'],
  terminal: ['本页面服务', 'Terminal page'],
  previews: ['预览画面', 'Previews'],
  preview: ['预览画面', 'Previews'],
  live: ['实时画面', 'Live video'],
  video: ['实时画面', 'Live video'],
  ptz: ['云台', 'PTZ'],
  audit: ['审计日志', 'Audit log'],
  evidence: ['证据', 'Evidence'],
  retention: ['到期删除', 'Deletion on the clock'],
  health: ['自检', 'Health'],
}

export function stageName(name: string, lang: Language, cameras: readonly Camera[]): string {
  const [kind = '', which = ''] = name.split(/[:/\s-](.+)/)
  const camera = cameras.find((c) => c.id === which || c.id === name)
  const whichWord = camera ? (lang === 'zh' ? camera.labelZh : camera.labelEn) : which
  if (camera) return say(names['camera']!, lang, { which: whichWord })
  const entry = names[name.toLowerCase()] ?? names[kind.toLowerCase()]
  return entry ? say(entry, lang, { which: whichWord }) : name
}
