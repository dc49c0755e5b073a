// The shapes of the terminal's and the console's HTTP and WebSocket APIs. Times are Unix milliseconds.

export type StageState = 'starting' | 'ok' | 'degraded' | 'stopped'
export type LinkPhase = 'up' | 'connecting' | 'down' | 'refused'
export type CameraState = 'connecting' | 'streaming' | 'lost'
export type ListStateName = 'loaded' | 'refused' | 'expired' | 'revoked' | 'suspended'
export type Kind = 'face' | 'plate'
export type Tone = 'stop' | 'check'
export type Verdict = 'confirmed' | 'rejected'
export type Outcome = Verdict | 'lapsed'

export const rejectReasons = ['not_same_plate', 'not_same_vehicle', 'not_same_person', 'listed_in_error', 'already_handled', 'other'] as const
export type RejectReason = (typeof rejectReasons)[number]

export interface RosterEntry { officerId: string; displayName: string }
export interface OfficerSession { officerId: string; displayName: string; role: string; sessionId: string; screen?: 'driver' | 'second' }
/** Everybody on duty, by screen. */
export interface CrewMember { officerId: string; displayName: string; role: string; sinceUnixMs: number; screen: 'driver' | 'second'; locked: boolean }

export interface LinkStatus {
  phase: LinkPhase
  sinceUnixMs: number
  detail: string
  rttMs: number | null
  backlogEvents: number
  oldestUnackedMs: number | null
  refusedEvents: number
}
export interface Stage { name: string; state: StageState; detail: string; rateHz: number | null; restarts: number }
export interface Watcher { viewer: string; reason: string; endsAtUnixMs: number }
/** Video that somebody at the centre had the car keep, for some minutes after. */
export interface ClipAsked { viewer: string; reason: string; atUnixMs: number }
/** A minute of one camera in numbers; null: nobody looked for it. */
export interface SceneNumbers { headsMedian: number | null; headsMax: number | null; vehicles: number | null }
export interface Camera {
  id: string
  labelZh: string
  labelEn: string
  state: CameraState
  detail: string
  fps: number
  ageMs: number | null
  codec: string
  ptz: boolean
  previewOnly: boolean
  frozen: boolean
  /** Covered, no light, or a sensor that is gone. */
  black: boolean
  lastMinute?: SceneNumbers | null
  wantedFps: number
  analysedFps: number
  degraded: boolean
  watchers: Watcher[]
  clipsAsked?: ClipAsked[]
  /** Of the newest video so much is held in memory; 0: none. */
  heldSeconds?: number
  /** Some of it is being kept now. */
  keeping?: boolean
}
export interface ListStatus {
  listId: string
  version: number
  kind: string
  category: string
  titleZh: string
  titleEn: string
  entries: number
  authority: string
  legalReference: string
  issuedAtUnixMs: number
  validToUnixMs: number
  state: ListStateName
  code: string
  detailZh: string
  detailEn: string
}
export interface OfficerOnDuty { officerId: string; displayName: string; role: string; sinceUnixMs: number }
export interface Matching { faces: boolean; plates: boolean; code: string; detailZh: string; detailEn: string }
export interface PositionNow {
  latitude: number
  longitude: number
  speedMps: number
  headingDegrees: number
  fix: string
  ageMs: number
  stale: boolean
}
export interface Counters {
  framesAnalysed: number
  faces: number
  reads: number
  hitsFace: number
  hitsPlate: number
  decisions: number
  eventsAcked: number
  eventsPending: number
}
export interface TerminalState {
  unitId: string
  softwareVersion: string
  timeUnixMs: number
  timeTrust: string
  link: LinkStatus
  stages: Stage[]
  cameras: Camera[]
  lists: ListStatus[]
  officer: OfficerOnDuty | null
  /** Absent from a host that knows one screen only. */
  crew?: CrewMember[]
  matching: Matching
  position: PositionNow | null
  counters: Counters
  privacy?: PrivacyNow
  /** Null or absent while there is room. */
  disk?: DiskFull | null
  instructions?: InstructionView[]
  calls?: CallView[]
  /** What each area of the terminal gives for its page; each names its own shape. */
  areas?: Record<string, unknown>
}
/** A place in which the car shows, matches or looks at less. No cameras named: all. */
export interface PrivacyPlace { id: string; nameZh: string; nameEn: string; cameras: string[]; allowViews: boolean; notMatched: string; sector: boolean }
export interface PrivacyNow { unchecked: boolean; places: PrivacyPlace[] }
export interface CallView { id: string; number: string; title: string; state: string }
/** Words of the centre that nobody has read yet. */
export interface InstructionView { id: string; text: string; urgent: boolean; issuer: string; issuedAtUnixMs: number }
export interface DiskFull { code: string; sinceUnixMs: number; notTaken: number; detailZh: string; detailEn: string }

export interface Rival { text: string; confidence: number }
export interface PlateSeen { text: string; confidences: number[]; rivals: Rival[]; plateClass?: string; confidence?: number; votes?: number }
export interface FaceSeen { similarity: number; threshold: number; widthPx: number }
export interface AlertView {
  id: string
  kind: Kind
  tone: Tone
  category: string
  seenAtUnixMs: number
  cameraId: string
  listedText: string
  authority: string
  legalReference: string
  listTitleZh: string
  listTitleEn: string
  listId: string
  listVersion: number
  listIssuedAtUnixMs: number
  listValidToUnixMs: number
  contradictions: string[]
  plate: PlateSeen | null
  face: FaceSeen | null
  /** Both pictures are data URLs: they come with the alert. */
  seenUrl: string
  listedUrl: string | null
  note: string
  /** Its category asks for a second officer's PIN before it counts as confirmed. */
  needsSecond?: boolean
  shownAtUnixMs: number
  lapsesAtUnixMs: number
  /** How often the same one came by again while this alert was open. */
  seenAgain?: number
  lastSeenUnixMs?: number
  lastCameraId?: string
}

export interface Account {
  user: string
  role: string
  district?: string
  /** What this person may do, by name. */
  permissions?: string[]
  /** A code while the account has to be set in order first; '' else. */
  restricted?: string
}
export interface UnitPosition {
  /** null without a fix. */
  latitude: number | null
  longitude: number | null
  speedMps: number
  headingDegrees: number
  fix: string
  atUnixMs: number
  stale: boolean
}
export interface UnitCamera { id: string; labelZh: string; labelEn: string; ptz: boolean }
export interface Unit {
  unitId: string
  label: string
  /** '' is the city. */
  district?: string
  policeType?: string
  online: boolean
  /** The centre's own time while the unit is online. */
  lastSeenUnixMs: number | null
  softwareVersion: string
  officerId: string
  position: UnitPosition | null
  positionAgeMs: number | null
  /** Ids, or ids with labels where the centre knows them. */
  cameras: (string | UnitCamera)[]
  trail: [number, number][]
  /** Over all cameras, last minute; null: none counted. */
  vehiclesPerMinute?: number | null
  /** Evidence that should be at the centre and is not. */
  gaps?: { missing: number; awaited: number; refused: number }
  heads?: number | null
  /** How its box is, as it last said; null before its first word. */
  health?: UnitHealth | null
}
/** Parts that the car did not tell are null. */
export interface UnitHealth {
  receivedAtUnixMs: number
  /** Codes, worst first. */
  troubles: string[]
  /** Stages that do not work, by the car's own judgement. */
  ill: string[]
  ignitionOn: boolean | null
  onBattery: boolean | null
  supplyVolts: number | null
  batteryPercent: number | null
  modem: { condition: string; technology: string; operator: string; signalPercent: number | null } | null
  hottestCelsius: number | null
  /** Of the configured frames that are analysed. */
  visionPercent: number | null
  diskWearPercent: number | null
  timeTrust: string
}
export interface Incident {
  eventId: string
  unitId: string
  receivedAtUnixMs: number
  capturedAtUnixMs: number
  type: string
  kind: Kind
  verdict: Verdict
  reason: string
  note?: string
  officerId: string
  secondOfficerId?: string
  listedText: string
  category: string
  cameraId: string
  latitude: number | null
  longitude: number | null
  authority: string
  legalReference: string
  listTitleZh: string
  listTitleEn: string
  contradictions?: string[]
  plate: PlateSeen | null
  face: FaceSeen | null
  seenUrl: string | null
  listedUrl: string | null
  signatureValid: boolean
}
/** A confirmed incident's video. */
export interface Clip {
  state: 'expected' | 'coming' | 'here' | 'none'
  cameraId: string
  fromUnixMs: number
  toUnixMs: number
  reason: string
  sizeBytes: number | null
  url: string | null
}
export interface IssuedList {
  listId: string
  version: number
  kind: string
  category: string
  titleZh: string
  titleEn: string
  entries: number
  validToUnixMs: number
  revoked: boolean
}
export interface Lease { leaseId: string; endsAtUnixMs: number }
