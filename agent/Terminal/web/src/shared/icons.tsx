import type { ReactNode } from 'react'

const shapes = {
  stop: (
    <>
      <path d="M8.2 2.5h7.6l5.7 5.7v7.6l-5.7 5.7H8.2l-5.7-5.7V8.2z" fill="currentColor" fillOpacity=".22" />
      <path d="M12 6.6v6.6M12 16.6v.6" strokeWidth="2.6" />
    </>
  ),
  check: (
    <>
      <circle cx="10.5" cy="10.5" r="7" fill="currentColor" fillOpacity=".18" />
      <path d="m15.8 15.8 5.4 5.4M8.6 8.7a2 2 0 1 1 2.9 1.8c-.7.4-1 .8-1 1.6M10.5 14.2v.3" />
    </>
  ),
  tick: <path d="m4.5 12.5 5 5L19.5 7" strokeWidth="2.6" />,
  cross: <path d="M6 6l12 12M18 6 6 18" strokeWidth="2.6" />,
  link: (
    <>
      <path d="M12 12v8M8.5 20h7" />
      <circle cx="12" cy="10" r="1.6" fill="currentColor" />
      <path d="M8 14a5.6 5.6 0 0 1 0-8M16 14a5.6 5.6 0 0 0 0-8M5.4 16.4a9.2 9.2 0 0 1 0-12.8M18.6 16.4a9.2 9.2 0 0 0 0-12.8" />
    </>
  ),
  queue: <path d="M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v4.5h16V15" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7v5l3.4 2.2" />
    </>
  ),
  place: (
    <>
      <path d="M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11z" />
      <circle cx="12" cy="10" r="2.2" />
    </>
  ),
  match: (
    <>
      <rect x="3" y="5" width="18" height="14" rx="2" />
      <path d="M7 15.5c.4-2 1.8-3 3-3s2.6 1 3 3M10 10.600a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.400zM15.5 9.500h2.500M15.5 13h2.5" />
    </>
  ),
  stages: <path d="M3 12h4l2.5-6 4.5 13 3-7h4" />,
  officer: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.500c.8-4.3 4-6 7.5-6s6.7 1.7 7.5 6" />
    </>
  ),
  sound: (
    <>
      <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500z" fill="currentColor" fillOpacity=".3" />
      <path d="M15.5 9a4 4 0 0 1 0 6M18 6.500a7.6 7.6 0 0 1 0 11" />
    </>
  ),
  mute: (
    <>
      <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500z" fill="currentColor" fillOpacity=".3" />
      <path d="m15.5 9.5 5 5M20.5 9.500l-5 5" />
    </>
  ),
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.500v2.500M12 19v2.500M2.5 12H5M19 12h2.500M5.3 5.300l1.8 1.800M16.9 16.900l1.8 1.800M18.7 5.300l-1.8 1.800M7.1 16.900l-1.8 1.8" />
    </>
  ),
  moon: <path d="M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z" />,
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="2.8" />
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6.5" width="13" height="11" rx="2" />
      <path d="m15.5 11 6-3.500v9l-6-3.5" />
    </>
  ),
  shield: <path d="M12 3 20 6v6c0 5-3.5 7.7-8 9-4.5-1.3-8-4-8-9V6z" />,
  list: <path d="M8.5 6h12M8.5 12h12M8.5 18h12M4 6h.01M4 12h.01M4 18h.01" />,
  car: (
    <>
      <path d="M4 16.500v-4l2-5.500h12l2 5.500v4z" />
      <path d="M4 12.500h16M6.5 16.500V19M17.5 16.500V19" />
    </>
  ),
  move: <path d="M12 3v18M3 12h18M9.5 5.5 12 3l2.5 2.500M9.5 18.5 12 21l2.5-2.500M5.5 9.5 3 12l2.5 2.500M18.5 9.5 21 12l-2.5 2.5" />,
  microphone: (
    <>
      <rect x="9" y="2.500" width="6" height="12" rx="3" />
      <path d="M5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3.500M8.500 21.500h7" />
    </>
  ),
  exit: <path d="M10 4H5v16h5M10 12h10m0 0-3.5-3.500M20 12l-3.5 3.5" />,
  back: <path d="M20 12H5m0 0 6-6m-6 6 6 6" />,
  erase: <path d="M21 5H9l-6 7 6 7h12zM12 9.500l5 5M17 9.500l-5 5" />,
  still: (
    <>
      <path d="M4 8h3.500l1.500-2.500h6L16.500 8H20v11H4z" />
      <circle cx="12" cy="13" r="3.2" />
    </>
  ),
  flag: <path d="M6 21V4m0 0h11l-2.500 4L17 12H6" />,
  renew: <path d="M19.500 12a7.500 7.500 0 1 1-2.300-5.400M17.500 3v4h-4" />,
  enlarge: <path d="M4 9.500V4h5.500M20 9.500V4h-5.500M4 14.500V20h5.500M20 14.500V20h-5.500" />,
  lock: <path d="M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3" />,
  phone: <path d="M6.500 3.500 9.500 3l2 5-2.200 1.700a12 12 0 0 0 5 5L16 12.500l5 2-.500 3c-.300 1.600-1.600 2.600-3.200 2.500C10 19.600 4.400 14 4 6.700 3.900 5.100 4.900 3.800 6.500 3.500z" />,
  map: <path d="M3 6.500 9 4l6 2.500 6-2.500v13.500L15 20l-6-2.500L3 20zM9 4v13.500M15 6.500V20" />,
  play: <path d="M7 4.500v15l12-7.500z" fill="currentColor" fillOpacity=".3" />,
  pause: <path d="M8 5v14M16 5v14" strokeWidth="4" />,
  people: (
    <>
      <circle cx="9" cy="8.500" r="3.300" />
      <path d="M2.500 19.500c.600-3.600 3.300-5.200 6.500-5.200s5.900 1.600 6.500 5.200M15.500 5.500a3.300 3.300 0 0 1 0 6M18 14.800c2 .700 3.200 2.200 3.600 4.700" />
    </>
  ),
  handOver: <path d="M3.500 8h14m0 0-4-4m4 4-4 4M20.500 16h-14m0 0 4-4m-4 4 4 4" />,
  plus: <path d="M12 5v14M5 12h14" strokeWidth="2.6" />,
  minus: <path d="M5 12h14" strokeWidth="2.6" />,
  arrow: <path d="M12 20V5m0 0-6 6m6-6 6 6" strokeWidth="2.4" />,
  search: <path d="M10.500 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.7 15.7l5.300 5.300" strokeWidth="2.4" />,
  warning: (
    <>
      <path d="M12 3.5 22 20.500H2z" />
      <path d="M12 10v4.500M12 17.300v.2" />
    </>
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof shapes

/** A picture for a word beside it; never the only bearer of a meaning, so hidden from screen readers. */
export function Icon({ name, size = 22, turn = 0 }: { name: IconName; size?: number; turn?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...(turn ? { transform: `rotate(${turn})` } : {})}
    >
      {shapes[name]}
    </svg>
  )
}
