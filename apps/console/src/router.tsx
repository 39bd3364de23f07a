import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from './parts/basics.js';
import { Empty, Failure, Loading } from './parts/states.js';
import {
  auditSearch,
  buySearch,
  errorSearch,
  helpSearch,
  mailboxSearch,
  noticesSearch,
  projectSearch,
  projectsSearch,
  startSearch,
  viewerSearch,
} from './search.js';
import { Shell } from './shell.js';

const NotFound = (): ReactElement => {
  const { t } = useTranslation();
  return (
    <Empty title={t('state.noPage')}>
      <Link to="/">{t('nav.overview')}</Link>
    </Empty>
  );
};

/** The pages by their addresses; each is loaded when it is first gone to. */
export const makeRouter = (failure: unknown) => {
  const root = createRootRoute({ component: () => <Shell failure={failure} />, notFoundComponent: NotFound });
  const page = {
    overview: createRoute({
      getParentRoute: () => root,
      path: '/',
      component: lazyRouteComponent(() => import('./pages/overview.js'), 'OverviewPage'),
    }),
    projects: createRoute({
      getParentRoute: () => root,
      path: '/projects',
      validateSearch: projectsSearch,
      component: lazyRouteComponent(() => import('./pages/projects.js'), 'ProjectsPage'),
    }),
    project: createRoute({
      getParentRoute: () => root,
      path: '/projects/$projectId',
      validateSearch: projectSearch,
      component: lazyRouteComponent(() => import('./pages/project.js'), 'ProjectPage'),
    }),
    errors: createRoute({
      getParentRoute: () => root,
      path: '/projects/$projectId/errors',
      validateSearch: errorSearch,
      component: lazyRouteComponent(() => import('./pages/errors.js'), 'ErrorsPage'),
    }),
    mailbox: createRoute({
      getParentRoute: () => root,
      path: '/mailboxes/$mailboxId',
      validateSearch: mailboxSearch,
      component: lazyRouteComponent(() => import('./pages/mailbox.js'), 'MailboxPage'),
    }),
    report: createRoute({
      getParentRoute: () => root,
      path: '/projects/$projectId/report',
      component: lazyRouteComponent(() => import('./report/page.js'), 'ReportPage'),
    }),
    viewer: createRoute({
      getParentRoute: () => root,
      path: '/mailboxes/$mailboxId/parts/$partId',
      validateSearch: viewerSearch,
      component: lazyRouteComponent(() => import('./viewer/page.js'), 'ViewerPage'),
    }),
    help: createRoute({
      getParentRoute: () => root,
      path: '/help/$',
      validateSearch: helpSearch,
      component: lazyRouteComponent(() => import('./help/page.js'), 'HelpPage'),
    }),
    customers: createRoute({
      getParentRoute: () => root,
      path: '/customers',
      component: lazyRouteComponent(() => import('./pages/customers.js'), 'CustomersPage'),
    }),
    customer: createRoute({
      getParentRoute: () => root,
      path: '/customers/$customerId',
      component: lazyRouteComponent(() => import('./pages/customers.js'), 'CustomerPage'),
    }),
    licences: createRoute({
      getParentRoute: () => root,
      path: '/licences',
      component: lazyRouteComponent(() => import('./licences/page.js'), 'LicencesPage'),
    }),
    buy: createRoute({
      getParentRoute: () => root,
      path: '/licences/buy',
      validateSearch: buySearch,
      component: lazyRouteComponent(() => import('./licences/buy-page.js'), 'BuyPage'),
    }),
    order: createRoute({
      getParentRoute: () => root,
      path: '/licences/orders/$orderId',
      component: lazyRouteComponent(() => import('./licences/order-page.js'), 'OrderPage'),
    }),
    people: createRoute({
      getParentRoute: () => root,
      path: '/people',
      component: lazyRouteComponent(() => import('./people/page.js'), 'PeoplePage'),
    }),
    account: createRoute({
      getParentRoute: () => root,
      path: '/account',
      component: lazyRouteComponent(() => import('./people/account-page.js'), 'AccountPage'),
    }),
    audit: createRoute({
      getParentRoute: () => root,
      path: '/audit',
      validateSearch: auditSearch,
      component: lazyRouteComponent(() => import('./audit/page.js'), 'AuditPage'),
    }),
    notices: createRoute({
      getParentRoute: () => root,
      path: '/notices',
      validateSearch: noticesSearch,
      component: lazyRouteComponent(() => import('./notices/page.js'), 'NoticesPage'),
    }),
    templates: createRoute({
      getParentRoute: () => root,
      path: '/notices/templates',
      component: lazyRouteComponent(() => import('./notices/templates-page.js'), 'TemplatesPage'),
    }),
    plans: createRoute({
      getParentRoute: () => root,
      path: '/plans',
      component: lazyRouteComponent(() => import('./plans/page.js'), 'PlansPage'),
    }),
    start: createRoute({
      getParentRoute: () => root,
      path: '/start',
      validateSearch: startSearch,
      component: lazyRouteComponent(() => import('./start/page.js'), 'StartPage'),
    }),
  };
  return createRouter({
    routeTree: root.addChildren(
      Object.values(page) as [
        typeof page.overview,
        typeof page.projects,
        typeof page.project,
        typeof page.errors,
        typeof page.mailbox,
        typeof page.report,
        typeof page.viewer,
        typeof page.help,
        typeof page.customers,
        typeof page.customer,
        typeof page.licences,
        typeof page.buy,
        typeof page.order,
        typeof page.people,
        typeof page.account,
        typeof page.audit,
        typeof page.notices,
        typeof page.templates,
        typeof page.plans,
        typeof page.start,
      ],
    ),
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} again={reset} />,
  });
};

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
