import type { ComponentType } from 'react'
import { Admin } from './admin/Admin.tsx'
import { Calls } from './calls/Calls.tsx'
import { ContainmentPage } from './containment/ContainmentPage.tsx'
import { Hazards } from './hazards/Hazards.tsx'
import { Instructions } from './instructions/Instructions.tsx'
import { EvidencePage } from './evidence/EvidencePage.tsx'
import { LivePage } from './live/LivePage.tsx'
import { Lists } from './Lists.tsx'
import { PatrolPage } from './patrol/PatrolPage.tsx'
import { Shifts } from './shifts/Shifts.tsx'
import type { text } from './text.ts'

export interface Page {
  id: string
  title: keyof typeof text
  Body: ComponentType
  /** Left out: everybody's. The centre refuses what a role may not; this only leaves out what would be refused. */
  roles?: readonly string[]
}

/** The pages beside the map, in the order of their tabs. The map itself stays alive behind them: a live view goes on. */
export const pages: readonly Page[] = [
  { id: 'calls', title: 'tab.calls', Body: Calls, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'containment', title: 'tab.containment', Body: ContainmentPage, roles: ['dispatcher', 'supervisor', 'admin', 'auditor'] },
  { id: 'patrol', title: 'tab.patrol', Body: PatrolPage, roles: ['dispatcher', 'supervisor', 'admin', 'auditor'] },
  { id: 'live', title: 'tab.live', Body: LivePage, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'evidence', title: 'tab.evidence', Body: EvidencePage, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'hazards', title: 'tab.hazards', Body: Hazards, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'instructions', title: 'tab.instructions', Body: Instructions, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'shifts', title: 'tab.shifts', Body: Shifts, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'lists', title: 'tab.lists', Body: Lists, roles: ['dispatcher', 'supervisor', 'admin'] },
  { id: 'admin', title: 'tab.admin', Body: Admin },
]
