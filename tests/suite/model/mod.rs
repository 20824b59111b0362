//! Properties and simulation: no process, no socket, virtual time.

mod contradiction;
mod crash;
mod drift;
mod durability;
mod guards;
mod interrupted;
mod judged;
mod order;
mod planner;
mod referee;
mod register;
mod reregister;
mod saved;
mod selection;
mod stop;
mod store_change;
mod store_lost;
mod store_order;
mod store_ready;
mod store_referee;
mod store_roles;
mod store_worlds;
mod table;
mod transient;
mod waits;
mod worlds;
