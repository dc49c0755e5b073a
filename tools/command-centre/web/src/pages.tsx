import type { ComponentType } from 'react'
import { Hazards } from './hazards/Hazards.tsx'
import { Instructions } from './instructions/Instructions.tsx'
import { EvidencePage } from './evidence/EvidencePage.tsx'
import { LivePage } from './live/LivePage.tsx'
import { Lists } from './Lists.tsx'
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
  { id: 'hazards', title: 'tab.hazards', Body: Hazards },
  { id: 'instructions', title: 'tab.instructions', Body: Instructions },
  { id: 'shifts', title: 'tab.shifts', Body: Shifts },
  { id: 'live', title: 'tab.live', Body: LivePage },
  { id: 'evidence', title: 'tab.evidence', Body: EvidencePage },
  { id: 'lists', title: 'tab.lists', Body: Lists },
]
