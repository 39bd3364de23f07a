import { Command } from '../cli/command.js';
import { findProject } from '../http/resolve.js';

/** Prints a report of a project as the gateway writes it. */
export abstract class CsvReport extends Command {
  protected async print(project: string, report: (params: { projectId: string }) => Promise<string>): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const csv = await report({ projectId });
    this.cli.stdout.write(this.cli.json ? `${JSON.stringify({ projectId, csv })}\n` : csv);
  }
}
