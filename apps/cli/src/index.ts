export { runCli, CLI_VERSION } from './cli/run-cli.js';
export type { CliPorts, TextOut } from './cli/cli.js';
export { EXIT, EXIT_CODES, type ExitCode } from './cli/exit-codes.js';
