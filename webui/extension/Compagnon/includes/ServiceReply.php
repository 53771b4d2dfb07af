<?php

namespace MediaWiki\Extension\Compagnon;

/**
 * What the service answered: a status below 500 that it may well give, and what was read of the body.
 */
class ServiceReply {

	/** @var int */
	private $status;

	/** @var array */
	private $data;

	/**
	 * @param int $status HTTP status
	 * @param array $data What was read and checked; empty unless the status is 200
	 */
	public function __construct( int $status, array $data = [] ) {
		$this->status = $status;
		$this->data = $data;
	}

	/**
	 * Whether it was done: there may be something in `data()`.
	 *
	 * @return bool
	 */
	public function isOK(): bool {
		return $this->status === 200 || $this->status === 204;
	}

	/**
	 * @return int
	 */
	public function status(): int {
		return $this->status;
	}

	/**
	 * @return array
	 */
	public function data(): array {
		return $this->data;
	}
}
