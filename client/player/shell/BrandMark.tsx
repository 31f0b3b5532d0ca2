/** The mark: three streams that become one. Decoration; the name beside it is the text. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" fill="none" strokeLinecap="round" aria-hidden="true">
      <path d="M4 6c9 0 9 10 16 10h8" stroke="var(--peers)" strokeWidth="3.4" />
      <path d="M4 26c9 0 9-10 16-10h8" stroke="var(--seeder)" strokeWidth="2.2" />
      <path d="M4 16h24" stroke="var(--accent)" strokeWidth="4.6" />
    </svg>
  );
}
