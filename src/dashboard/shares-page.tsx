export function SharesPage() { return <p>soon</p>; }
