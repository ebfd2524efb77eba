/** The mark: a slit drum seen from a little above. */
export function ZoetropeMark({ className }: { className?: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 32 32" aria-hidden>
      <g fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round">
        <ellipse cx="16" cy="8.5" rx="12" ry="4.5" />
        <path d="M4 8.5v13.5c0 2.5 5.4 4.5 12 4.5s12-2 12-4.5V8.5" />
        <path d="M16 26.5v3.5" />
      </g>
      <g fill="none" stroke="var(--mark-slit, currentColor)" strokeWidth="2.2" strokeLinecap="round">
        <path d="M7.6 14.4v4.2M11.6 16v4.4M16 16.6v4.4M20.4 16v4.4M24.4 14.4v4.2" />
      </g>
    </svg>
  );
}
