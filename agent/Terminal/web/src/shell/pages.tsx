import type { ReactNode } from 'react'
import { Cameras } from '../Cameras.tsx'
import { waitingCalls } from '../calls/calls.ts'
import { CallsPage } from '../calls/CallsPage.tsx'
import { dutyOf } from '../duty/duty.ts'
import { DutyPage } from '../duty/DutyPage.tsx'
import { MapPage } from '../map/MapPage.tsx'
import { recordsOf } from '../records/records.ts'
import { RecordsPage } from '../records/RecordsPage.tsx'
import { ServicePage } from '../records/ServicePage.tsx'
import { Store } from '../shared/store.ts'
import type { TerminalState } from '../shared/api.ts'
import type { IconName } from '../shared/icons.tsx'
import type { Previews } from '../previews.ts'
import { VoicePage } from '../voice/VoicePage.tsx'

/** A page of the terminal: one button of the rail. Its word is `rail.ID`. */
export interface TerminalPage {
  id: string
  icon: IconName
  view: (previews: Previews) => ReactNode
  /** How much of it waits for the officer; 0: nothing. */
  waiting?: (state: TerminalState) => number
}

/** From the top of the rail down, and keys Alt+1, Alt+2 and so on. */
export const pages: readonly TerminalPage[] = [
  { id: 'cameras', icon: 'camera', view: (previews) => <Cameras previews={previews} /> },
  { id: 'calls', icon: 'phone', view: () => <CallsPage />, waiting: waitingCalls },
  { id: 'map', icon: 'map', view: () => <MapPage /> },
  { id: 'duty', icon: 'flag', view: () => <DutyPage />, waiting: (s) => dutyOf(s)?.items.filter((i) => i.state === 'missed' && !i.reason).length ?? 0 },
  { id: 'records', icon: 'list', view: (previews) => <RecordsPage previews={previews} />, waiting: (s) => recordsOf(s).cases.filter((c) => c.state === 'draft').length },
  { id: 'service', icon: 'officer', view: (previews) => <ServicePage previews={previews} /> },
  { id: 'voice', icon: 'microphone', view: () => <VoicePage /> },
]

/** The page that is shown. */
export const page = new Store<string>(pages[0]!.id)

export const goTo = (id: string): void => page.set(id)
