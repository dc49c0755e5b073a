import type { ComponentType } from 'react'
import type { IconName } from '@shared/icons.tsx'
import { Admin } from './admin/Admin.tsx'
import { Calls } from './calls/Calls.tsx'
import { ContainmentPage } from './containment/ContainmentPage.tsx'
import { Hazards } from './hazards/Hazards.tsx'
import { Instructions } from './instructions/Instructions.tsx'
import { EvidencePage } from './evidence/EvidencePage.tsx'
import { LivePage } from './live/LivePage.tsx'
import { Lists } from './Lists.tsx'
import { PatrolPage } from './patrol/PatrolPage.tsx'
import { Records } from './records/Records.tsx'
import { Shifts } from './shifts/Shifts.tsx'
import type { text } from './text.ts'

export interface Page {
  id: string
  title: keyof typeof text
  icon: IconName
  Body: ComponentType
  /** Left out: everybody's. The centre refuses what a role may not; this only leaves out what would be refused. */
  roles?: readonly string[]
}

/** The pages beside the map, in the order of their tabs. The map itself stays alive behind them: a live view goes on. */
export const pages: readonly Page[] = [
  { id: 'calls', title: 'tab.calls', icon: 'phone', Body: Calls, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'containment', title: 'tab.containment', icon: 'lock', Body: ContainmentPage, roles: ['dispatcher', 'supervisor', 'admin', 'auditor'] },
  { id: 'patrol', title: 'tab.patrol', icon: 'flag', Body: PatrolPage, roles: ['dispatcher', 'supervisor', 'admin', 'auditor'] },
  { id: 'live', title: 'tab.live', icon: 'camera', Body: LivePage, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'evidence', title: 'tab.evidence', icon: 'still', Body: EvidencePage, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'hazards', title: 'tab.hazards', icon: 'warning', Body: Hazards, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'records', title: 'tab.records', icon: 'list', Body: Records, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'instructions', title: 'tab.instructions', icon: 'queue', Body: Instructions, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'shifts', title: 'tab.shifts', icon: 'handOver', Body: Shifts, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'lists', title: 'tab.lists', icon: 'match', Body: Lists, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'admin', title: 'tab.admin', icon: 'officer', Body: Admin },
]
