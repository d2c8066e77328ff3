import type { Command } from '../../../internal/cli/index.ts';
import { authExplain } from './auth-explain.ts';
import { bindingAdd } from './binding-add.ts';
import { bindingList } from './binding-list.ts';
import { bindingRemove } from './binding-remove.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { roleDelete } from './role-delete.ts';
import { roleList } from './role-list.ts';
import { roleSet } from './role-set.ts';
import { userAdd } from './user-add.ts';
import { userDelete } from './user-delete.ts';
import { userDisable } from './user-disable.ts';
import { userInvite } from './user-invite.ts';
import { userList } from './user-list.ts';
import { userPasswd } from './user-passwd.ts';
import { workloadDelete } from './workload-delete.ts';
import { workloadList } from './workload-list.ts';
import { workloadSet } from './workload-set.ts';

/** The commands about who there is and who may do what. */
export const PEOPLE_COMMANDS: readonly Command[] = [
  userAdd,
  userList,
  userInvite,
  userPasswd,
  userDisable,
  userDelete,
  keyCreate,
  keyList,
  keyRevoke,
  roleList,
  roleSet,
  roleDelete,
  bindingList,
  bindingAdd,
  bindingRemove,
  workloadSet,
  workloadList,
  workloadDelete,
  authExplain,
];
